import type { Verdict } from './oracle.ts';
import { type FuzzRequest, type Surface, surfaces } from './request.ts';
import type { Answer } from './send.ts';

/** Counts what was answered, and keeps what was wrong. */
export interface Report {
  add(index: number, request: FuzzRequest, answer: Answer, verdict: Verdict): void;
  /** The counts by surface, and what took longest, as lines. */
  lines(): string[];
  readonly asked: ReadonlyMap<Surface, number>;
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly index: number;
  readonly request: FuzzRequest;
  readonly problems: readonly string[];
  readonly answer: string;
}

/** How often one kind of finding is kept. */
const mostAlike = 3;

export function createReport(): Report {
  const asked = new Map<Surface, number>();
  const statuses = new Map<string, number>();
  const codes = new Map<string, number>();
  const kinds = new Map<string, number>();
  const times = new Map<string, { count: number; sum: number; max: number }>();
  const callers = new Map<string, number>();
  const alike = new Map<string, number>();
  const findings: Finding[] = [];

  return {
    asked,
    findings,
    add(index, request, answer, { codes: said, problems }) {
      const { surface, label } = request;
      asked.set(surface, (asked.get(surface) ?? 0) + 1);
      count(statuses, `${surface} ${answer.status || 'none'}`);
      count(kinds, `${surface} ${request.kind}`);
      for (const code of new Set(said)) count(codes, `${surface} ${code}`);
      if (said.includes('ok')) count(callers, `${surface} ${request.caller}`);
      if (!request.stream && !request.chunks) time(`${surface} ${label}`, answer.ms);
      if (problems.length === 0) return;
      const kind = `${surface} ${label} ${problems.join(' ')}`;
      count(alike, kind);
      if ((alike.get(kind) ?? 0) <= mostAlike) {
        findings.push({ index, request, problems, answer: `${answer.status} ${answer.text.slice(0, 500)}` });
      }
    },
    lines() {
      const slowest = [...times].sort(([, a], [, b]) => b.sum / b.count - a.sum / a.count).slice(0, 6);
      return [
        ...surfaces
          .filter((surface) => asked.has(surface))
          .flatMap((surface) => [
            `${surface}: ${asked.get(surface)} (${of(kinds, surface)})`,
            `  status  ${of(statuses, surface)}`,
            `  code    ${of(codes, surface)}`,
            `  ok for  ${of(callers, surface)}`,
          ]),
        'Slowest on average (ms, and the longest one):',
        ...slowest.map(([name, { count: n, sum, max }]) => `  ${name}: ${(sum / n).toFixed(1)}, ${max.toFixed(0)}`),
      ];
    },
  };

  function time(name: string, ms: number): void {
    const { count: n, sum, max } = times.get(name) ?? { count: 0, sum: 0, max: 0 };
    times.set(name, { count: n + 1, sum: sum + ms, max: Math.max(max, ms) });
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The counts of one surface, the highest first. */
function of(counts: ReadonlyMap<string, number>, surface: Surface): string {
  return [...counts]
    .filter(([key]) => key.startsWith(`${surface} `))
    .sort(([, a], [, b]) => b - a)
    .map(([key, n]) => `${key.slice(surface.length + 1)} ${n}`)
    .join(', ');
}
