import { qrPath } from "./second-factor-card";

describe("the QR code of a second factor", () => {
  it("holds the corner marks that readers look for, inside a quiet border", () => {
    const { size, path } = qrPath("otpauth://totp/Chasqui:ana@tienda.example?secret=JBSWY3DPEHPK3PXP");
    const dark = new Set(path.match(/M\d+ \d+/g));
    for (const [x, y] of [
      [2, 2],
      [size - 9, 2],
      [2, size - 9],
    ] as const)
      for (let step = 0; step < 7; step++) expect(dark.has(`M${x + step} ${y}`)).toBe(true);
    for (let at = 0; at < size; at++) expect(dark.has(`M${at} 0`) || dark.has(`M0 ${at}`)).toBe(false);
  });
});
