/** What readiness rests on: each says by rejecting that it does not answer. */
export interface Dependency {
  name: string;
  check(): Promise<unknown>;
}

interface DependencyReport {
  ok: boolean;
  message?: string;
}

const patienceMs = 2_000;

export async function checkDependencies(dependencies: readonly Dependency[]): Promise<Record<string, DependencyReport>> {
  const reports = await Promise.all(dependencies.map(async (dependency) => [dependency.name, await check(dependency)] as const));
  return Object.fromEntries(reports);
}

/** The message is ours: a driver's own may hold an address or a user name, and this route asks for no token. */
async function check(dependency: Dependency): Promise<DependencyReport> {
  const late = AbortSignal.timeout(patienceMs);
  const answer = dependency.check().then(
    () => 'ok' as const,
    () => 'refused' as const,
  );
  const lateness = new Promise<'late'>((resolve) => late.addEventListener('abort', () => resolve('late')));
  switch (await Promise.race([answer, lateness])) {
    case 'ok':
      return { ok: true };
    case 'refused':
      return { ok: false, message: `${dependency.name} refuses: see the log of whatever runs it.` };
    case 'late':
      return { ok: false, message: `${dependency.name} did not answer within ${patienceMs} ms.` };
  }
}
