/** SQL: has the database itself refuse to change or delete rows of a table, also for whoever owns it. */
export const immutable = (table: string) => `
    create or replace trigger ${table}_immutable before update or delete on ${table}
      for each row execute function config_immutable();
    create or replace trigger ${table}_kept before truncate on ${table}
      for each statement execute function config_immutable();`;

/** SQL: what those triggers run. Its code is that of a violated constraint. */
export const immutableFunction = `
    create or replace function config_immutable() returns trigger language plpgsql as $body$
    begin
      raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
    end $body$;`;
