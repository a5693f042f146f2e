/**
 * A program that `walk.ts` has started ends as with Ctrl-C when that one is gone, however it went: killed, it can end nobody, and an
 * arm without an owner would hold its port and go on. Started by hand, it has no channel to a parent, and nothing changes.
 */
if (process.channel !== undefined) {
  process.once('disconnect', () => {
    // Not process.kill: on Windows that asks nobody.
    if (!process.emit('SIGINT')) process.exit(1);
  });
  // To wait for that is no reason to live on.
  process.channel.unref();
}
