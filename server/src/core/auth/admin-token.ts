import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from '../data-dir.ts';
import type { Db } from '../db/database.ts';
import { authenticate, createToken } from './tokens.ts';

const tenYearsMs = 10 * 365 * 86_400_000;

/** The file with the administrator's token: made at the first start, and again when what it holds no longer works. */
export async function adminToken(db: Db, dataDir: string): Promise<string> {
  const file = adminTokenFile(dataDir);
  if (await works(db, file)) return file;
  const { secret } = await createToken(db, {
    name: 'admin',
    grants: ['admin'],
    expiresAt: new Date(Date.now() + tenYearsMs),
  });
  writePrivateFile(file, `${secret}\n`);
  return file;
}

export const adminTokenFile = (dataDir: string): string => path.join(dataDir, 'admin.token');

async function works(db: Db, file: string): Promise<boolean> {
  try {
    await authenticate(db, readFileSync(file, 'utf8').trim());
    return true;
  } catch {
    return false;
  }
}
