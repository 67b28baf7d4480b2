// Why a shared library does not load. ONNX Runtime keeps the reason to itself, or writes it to stderr where no user looks.
import { messageOf } from '../lib/errors.ts';

/**
 * The reason why a shared library (a path, or a name that the system finds) does not load, with the name of what is missing;
 * null where nothing is. The library is let go of again.
 */
export function loadProblem(file: string): string | null {
  try {
    process.dlopen({ exports: {} }, file);
    return null;
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    // No module of Node: it has been found, with all it needs. Providers of ONNX Runtime lack a symbol as long as it is not there.
    return /did not self-register|undefined symbol/i.test(reason!) ? null : reason!.replace(/\.$/, '');
  }
}
