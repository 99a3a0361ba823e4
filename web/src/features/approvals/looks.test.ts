import { expect, test } from "vitest";
import type { ApproverOut } from "../../api/generated/model/approverOut";
import { emailsIn, listed, skippable, standingLook, stateLook } from "./looks";

const approver = (number: number, standing: ApproverOut["standing"]): ApproverOut => ({
  number,
  standing,
  email: `p${number}@example.com`,
  name: `P${number}`,
  at: null,
  due_at: null,
  comment: "",
  via: null,
});

test("people are listed as a sentence has them", () => {
  const people = [{ name: "Ada" }, { name: "Bob" }, { name: "Cleo" }];
  expect(listed([])).toBe("");
  expect(listed(people.slice(0, 1))).toBe("Ada");
  expect(listed(people.slice(0, 2))).toBe("Ada and Bob");
  expect(listed(people)).toBe("Ada, Bob and Cleo");
});

test("only approvers who may still answer can be skipped", () => {
  const all = (["waiting", "asked", "accepted", "rejected", "skipped", "overdue"] as const).map((standing, at) =>
    approver(at + 1, standing),
  );
  expect(skippable(all).map((one) => one.number)).toEqual([1, 2]);
});

test("emails come apart however they were pasted", () => {
  expect(emailsIn(" a@x.com,b@x.com;\nc@x.com  d@x.com ")).toEqual(["a@x.com", "b@x.com", "c@x.com", "d@x.com"]);
  expect(emailsIn("")).toEqual([]);
});

test("what a newer server may say is shown by its own name", () => {
  expect(stateLook("cancelled").label).toBe("Withdrawn");
  expect(stateLook("adjourned" as never)).toEqual({ label: "adjourned", tone: "neutral" });
  expect(standingLook("asleep" as never)).toEqual({ label: "asleep", tone: "neutral" });
});
