/** The password rules as the server has them (product facts 8.5), to tell people before they send. */
export type PasswordRule = { text: string; met: boolean };

export function passwordRules(password: string): PasswordRule[] {
  const length = [...password].length;
  return [
    { text: "10 to 128 characters", met: length >= 10 && length <= 128 },
    { text: "a number", met: /\p{Nd}/u.test(password) },
    { text: "a special character", met: /[^\p{L}\p{N}\s]/u.test(password) },
  ];
}

export const isAcceptable = (password: string): boolean => passwordRules(password).every((rule) => rule.met);
