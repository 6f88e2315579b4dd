let onDevices = false;

/** From here on all time on the wall counts, in this process: a device works while the processor waits. */
export const countDeviceTime = (): void => {
  onDevices = true;
};

/**
 * Time that a computation took, without the time in which the process waited for a core that others were using: the
 * smaller of the time on the wall and the processor time of all its threads. On an idle machine the two agree for one
 * thread, and helper threads (compilation, collection) make processor time the greater one.
 */
export const startClock = (): (() => number) => {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const elapsed = performance.now() - wall;
    if (onDevices) return elapsed;
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(elapsed, (user + system) / 1000);
  };
};
