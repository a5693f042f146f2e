/** How many files, connections among them, this process may have open; Infinity where there is no such limit. */
export function maxOpenFiles(): number {
  // Since Node 20.13; without it, the report looks up the names of all peers.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const excludeNetwork = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  try {
    return softLimit(report.getReport());
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/** @param report see Node's documentation; `userLimits` is absent on Windows, and a limit that is none is a word */
function softLimit(report: object): number {
  const { userLimits } = report as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}
