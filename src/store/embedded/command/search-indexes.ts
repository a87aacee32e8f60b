/** Atlas Search: every server outside Atlas answers so. */
import { type CommandError, commandError } from "../command-error";

export const searchNotEnabled = (): CommandError =>
  commandError(
    "SearchNotEnabled",
    "Using Atlas Search Database Commands and the $listSearchIndexes aggregation stage requires additional configuration. Please connect to Atlas or an AtlasCLI local deployment to enable.",
  );

export const refuseSearchIndexes = (): never => {
  throw searchNotEnabled();
};
