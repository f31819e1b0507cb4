// 统一社会信用代码, GB 32100-2015: 18 places, the last is a check character.
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

export type UsccFault = "length" | "letters" | "check";

export const normalUscc = (s: string): string => s.replace(/[\s-]/g, "").toUpperCase();

/** usccFault says what is wrong with a code, or "" when it is right. The code is given in its normal form. */
export function usccFault(code: string): UsccFault | "" {
  if (code.length !== 18) return "length";
  let sum = 0;
  for (let i = 0; i < 18; i++) {
    const v = alphabet.indexOf(code[i]!);
    if (v < 0) return "letters";
    if (i < 17) sum += v * (3 ** i % 31);
  }
  return alphabet[(31 - (sum % 31)) % 31] === code[17] ? "" : "check";
}
