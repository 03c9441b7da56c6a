// Plain JavaScript: the killed processes of `killed-run.mjs` run it too, and Node 20 reads no TypeScript.

/** Contents as they travel between processes: a text, repeated to `size` bytes. */
const bytes = ({ text, size }) => Buffer.alloc(size, text);

/** Makes one planned call on a run. The promise settles when it is journalled. */
export async function applyOp(run, { call, args }) {
  if (call === 'logImage') {
    const [key, { png, webp }, options] = args;
    return run.logImage(key, { png: bytes(png), webp: bytes(webp) }, options);
  }
  if (call === 'logModel') {
    const [{ files, ...model }] = args;
    return run.logModel({
      ...model,
      files: Object.fromEntries(Object.entries(files).map(([name, content]) => [name, bytes(content)])),
    });
  }
  if (call === 'logBytes') return run.logBytes(bytes(args[0]), args[1]);
  return run[call](...args);
}
