// argv -> command -> exit code. Everything that touches the process (streams, signals, codes) is here or in commands/;
// the library itself is loaded only once a command starts its work.
import { Command, CommanderError } from 'commander';
import { declareCompare } from './commands/compare.ts';
import { declareCompile } from './commands/compile.ts';
import type { Context } from './commands/context.ts';
import { declareDoctor } from './commands/doctor.ts';
import { declareEvaluate } from './commands/evaluate.ts';
import { declareExplain } from './commands/explain.ts';
import { declareFigure } from './commands/figure.ts';
import { tellFailure } from './commands/failure.ts';
import { listenForInterrupts } from './commands/interrupt.ts';
import { declareLayers } from './commands/layers.ts';
import { loadPart } from './commands/library.ts';
import { declareTrain } from './commands/train.ts';
import { GradcamError } from './lib/errors.ts';
import { tuneV8 } from './lib/v8.ts';
import { packageVersion } from './lib/version.ts';

/** Runs the command line `argv` (with node and script before it, as in process.argv) and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  tuneV8();
  surviveClosedPipes();
  const interrupts = listenForInterrupts(process.stderr);
  const context: Context = {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    argv: argv.slice(2),
    library: loadPart,
    signal: interrupts.signal,
    atInterrupt: interrupts.atInterrupt,
  };
  process.on('uncaughtException', (error) => process.exit(tellFailure(error, context)));
  try {
    process.exitCode = await runCommand(context);
  } finally {
    if (interrupts.isInterrupted()) interrupts.leave();
    interrupts.close();
  }
}

/** Parses and runs; returns the exit code. Errors are told, not thrown. */
export async function runCommand(context: Context): Promise<number> {
  try {
    await createProgram(context).parseAsync([...context.argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (context.signal.aborted) return 130;
    if (!(error instanceof CommanderError)) return tellFailure(error, context);
    if (error.exitCode === 0 || error.code === 'commander.help') return error.exitCode; // help and version were asked for, and printed
    return tellFailure(wrongUsage(error, context), context);
  }
}

function createProgram(context: Context): Command {
  const program = new Command('gradcam')
    .description('See what your models look at: Grad-CAM for trained image classifiers, compared across runs.')
    .version(packageVersion(), '-v, --version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help on a command')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined, // told below, in the form of all other errors
    })
    .configureHelp({ showGlobalOptions: false })
    .exitOverride();
  for (const declare of [
    declareCompare,
    declareExplain,
    declareTrain,
    declareEvaluate,
    declareFigure,
    declareLayers,
    declareCompile,
    declareDoctor,
  ])
    declare(program, context);
  return program;
}

/** Commander's sentence in the form of our errors: `error: unknown option '--modles'` and `(Did you mean --models?)`. */
function wrongUsage({ message, code }: CommanderError, { argv }: Context): GradcamError {
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const command = argv.find((argument) => !argument.startsWith('-'));
  const isCommand = command !== undefined && code !== 'commander.unknownCommand';
  const help = `gradcam ${isCommand ? `${command} ` : ''}--help`;
  const meant = suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1? ') ?? '';
  const what = code === 'commander.excessArguments' ? `${first} Paths go after an option, such as --models.` : first;
  return new GradcamError({ code: code.replace('commander.', 'usage-'), what, hint: `${meant}see ${help}` });
}

/** `gradcam layers model | head` closes the pipe early: nobody reads on, and that is no error. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}
