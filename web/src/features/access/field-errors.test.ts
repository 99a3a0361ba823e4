import { expect, test } from "vitest";
import { ApiError } from "../../api/problem";
import { byField } from "./field-errors";

const NAMES = ["password", "first_name"];
const refusal = (...wheres: string[]) =>
  new ApiError(
    422,
    "fields.invalid",
    "No.",
    wheres.map((where) => ({ where, message: `Bad ${where}.`, mend: "Mend it." })),
  );

test("each problem stands at its field, several of one together", () => {
  expect(byField(refusal("password", "password", "body.first_name"), NAMES)).toEqual({
    fields: { password: "Bad password. Mend it. Bad password. Mend it.", first_name: "Bad body.first_name. Mend it." },
    rest: null,
  });
});

test("what belongs to no field of the form is kept as a whole", () => {
  const error = refusal("token", "password");
  expect(byField(error, NAMES)).toEqual({ fields: { password: "Bad password. Mend it." }, rest: error });
  const other = new Error("Something else");
  expect(byField(other, NAMES)).toEqual({ fields: {}, rest: other });
  expect(byField(null, NAMES)).toEqual({ fields: {}, rest: null });
});
