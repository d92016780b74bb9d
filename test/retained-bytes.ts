import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Bytes that are still held once the garbage is gone: on the heap and in buffers. Unlike the resident size it does not hang on when the
 * collector ran. Compiled code is left out: V8 keeps and drops that of regular expressions by its own ageing.
 */
export function retainedBytes(): number {
  collectGarbage();
  const data = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith('code'));
  return data.reduce((sum, { space_used_size }) => sum + space_used_size, process.memoryUsage().external);
}
