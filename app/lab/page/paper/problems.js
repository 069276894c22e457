// What is wrong with a setting, as a key of the page's words and the values in it.

/** Thrown inside the calculator only; `countNetwork` turns it into a row's `problem`. */
export class PaperProblem extends Error {
  constructor(say, values = {}) {
    super(say);
    this.say = say;
    this.values = values;
  }
}

/** Refuse unless `holds`. */
export function ensurePaper(holds, say, values) {
  if (!holds) throw new PaperProblem(say, values);
}

/** An error as plain data: `{say: "paperKernelTooLarge", values: {kernel: "7", …}}`. */
export function problemData(error) {
  if (error instanceof PaperProblem) return { say: error.say, values: error.values };
  return { say: "paperCannotRead", values: {} };
}
