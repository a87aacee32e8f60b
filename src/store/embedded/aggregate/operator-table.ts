/** All expression operators by name. What MongoDB has and this table lacks is refused as unrecognised. */
import { LIST_ACCUMULATORS } from "./accumulator";
import { ARITHMETIC } from "./arithmetic-operators";
import { ARRAYS } from "./array-operators";
import { CONVERSIONS } from "./conversion-operators";
import { DATES } from "./date-operators";
import type { Operator } from "./expression";
import { LOGIC } from "./logic-operators";
import { OBJECTS } from "./object-operators";
import { SETS } from "./set-operators";
import { STRINGS } from "./string-operators";

export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...LIST_ACCUMULATORS,
    ...LOGIC,
    ...ARITHMETIC,
    ...STRINGS,
    ...ARRAYS,
    ...SETS,
    ...OBJECTS,
    ...CONVERSIONS,
    ...DATES,
  }),
);
