/** Wall and processor time of this process, its threads included. */
export async function secondsOf(work) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - wall) / 1_000, cpuSeconds: (user + system) / 1_000_000 };
}
