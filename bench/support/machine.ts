import { arch, availableParallelism, platform, totalmem } from 'node:os';

/** What figures depend on, and nothing that says whose machine it is. */
export interface Machine {
  readonly cores: number;
  readonly memory_gb: number;
  readonly platform: string;
  readonly node: string;
}

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    node: process.version,
  };
}
