import { open, rm } from 'node:fs/promises';

/** Never over a file that is there: what was written yesterday is wanted too. Returns how many lines it wrote. */
export async function writeNew(
  path: string,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string>,
): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  let lines = 0;
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk);
      if (typeof chunk === 'string') lines += chunk.split('\n').length - 1;
    }
    await file.sync();
    return lines;
  } catch (error) {
    await rm(path); // half of it must not pass for the whole
    throw error;
  } finally {
    await file.close();
  }
}
