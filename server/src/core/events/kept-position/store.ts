import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { isAfter, type Position } from '../position.ts';
import { currentPosition } from '../store.ts';

/** How far back a restored server looks for events of which nobody knows what became of them. */
const restoredMinutes = 10;

/** A table of one row that keeps up to where somebody has read the events. */
export const positionTable = (name: string) => `
    create table if not exists ${name} (
      single boolean primary key default true check (single),
      xid xid8 not null,
      seq bigint not null,
      time timestamptz not null
    );
    insert into ${name} (xid, seq, time) values ('0', 0, clock_timestamp()) on conflict do nothing;`;

/**
 * The position that such a table keeps. Of what it names only `time` means anything after a restore: ids of transactions
 * belong to a cluster.
 */
export function keptPosition(name: string) {
  const table = sql.table(name);

  async function find(db: Db): Promise<Position> {
    const { rows } = await sql<{ xid: string; seq: number }>`select xid::text, seq from ${table}`.execute(db);
    return { xid: BigInt(rows[0]?.xid ?? 0), seq: rows[0]?.seq ?? 0 };
  }

  /** Moves it on; false when another process did. */
  async function advance(tx: Db, from: Position, to: Position, time: Date): Promise<boolean> {
    const result = await sql`
      update ${table} set xid = ${String(to.xid)}::xid8, seq = ${to.seq}, time = ${time}
      where xid = ${String(from.xid)}::xid8 and seq = ${from.seq}`.execute(tx);
    return Number(result.numAffectedRows ?? 0) === 1;
  }

  return {
    find,
    advance,
    /** Holds it until the transaction ends: nobody reads on. */
    async hold(tx: Db): Promise<void> {
      await sql`select from ${table} for update`.execute(tx);
    },
    /** What came until now is for nobody. */
    async skipToNow(tx: Db): Promise<void> {
      const [at, now] = [await find(tx), await currentPosition(tx)];
      if (isAfter(now, at)) await advance(tx, at, now, new Date());
    },
    /**
     * After a restore the ids of transactions mean nothing: a backup brings 3, a copy of another cluster 0 or ids from the
     * future. Goes back by time then; whoever reads must know what it has had.
     */
    async settle(db: Db): Promise<void> {
      await sql`
        update ${table} as here set (xid, seq) = (
          select coalesce(max(event.xid::text), '0')::xid8, coalesce(max(event.seq), 0) from (
            select xid, seq from events where time < here.time - make_interval(mins => ${restoredMinutes})
            order by xid desc, seq desc limit 1
          ) as event)
        where xid <= '3'::xid8 or xid > pg_snapshot_xmax(pg_current_snapshot())`.execute(db);
    },
  };
}
