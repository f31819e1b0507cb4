// What the server does with an envelope, for the tests: the phone itself has no code that could.
import { createPrivateKey } from "node:crypto";
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";

export async function openEnvelope(pem: string, info: string, box: Buffer): Promise<Buffer> {
  if (box.subarray(0, 4).toString() !== "SXS1" || box.length < 77 + 16) throw new Error("no envelope");
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const pkcs8 = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  const recipientKey = await crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), { name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const context = await suite.createRecipientContext({ recipientKey, enc: new Uint8Array(box.subarray(12, 77)).buffer, info: new TextEncoder().encode(info) });
  const out: Buffer[] = [];
  for (let at = 77; at < box.length; at += 65_552) {
    const last = at + 65_552 >= box.length;
    out.push(Buffer.from(await context.open(new Uint8Array(box.subarray(at, at + 65_552)), new Uint8Array([last ? 1 : 0]).buffer)));
  }
  return Buffer.concat(out);
}
