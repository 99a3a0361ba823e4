import { expect, test } from "vitest";
import { problemOf } from "./problem";

test("a problem document is read whole", () => {
  const error = problemOf(
    422,
    {
      code: "run.inputs",
      detail: "One input is wrong.",
      request_id: "r1",
      problems: [{ where: "inputs.a", message: "Not a month.", mend: "Write 2024-01." }, "junk"],
    },
    "",
  );
  expect(error).toMatchObject({ status: 422, code: "run.inputs", detail: "One input is wrong.", requestId: "r1" });
  expect(error.problems).toEqual([{ where: "inputs.a", message: "Not a month.", mend: "Write 2024-01." }]);
});

test("a proxy's answer without a problem document still gives a sentence and the header's request id", () => {
  const error = problemOf(502, null, "r2");
  expect(error.detail).toMatch(/server failed/);
  expect(error.requestId).toBe("r2");
});
