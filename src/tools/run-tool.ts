/** Runs a tool's main function: its number becomes the exit code, an unexpected error is shown whole. */
export function runTool(main: (args: string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
