import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Tls } from '../stand-in.js';

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEAR_MS = 365 * 24 * 3600 * 1000;
const AUTHORITY_NAME = 'CN=slipway-sandbox-ca';

interface Kept {
  /** The names and addresses that the server's certificate is for. */
  names: string[];
  authority: string;
  authorityKey: string;
  cert: string;
  key: string;
}

/**
 * The authority and certificate of this home's API server, made once: kubeconfigs hold the authority. Where the server is to
 * answer under further names, it gets a new certificate from the same authority.
 */
export async function keepCertificates(folder: string, hosts: string[]): Promise<Tls> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'certificates.json');
  const kept = await read(file);
  const names = [
    ...new Set(['127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default.svc', ...hosts, ...(kept?.names ?? [])]),
  ];
  const usable = kept && kept.names.length === names.length ? kept : await issue(names, kept);
  if (usable !== kept) {
    await writeFile(`${file}.new`, JSON.stringify(usable), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return { key: usable.key, cert: usable.cert, ca: usable.authority };
}

async function read(file: string): Promise<Kept | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function issue(names: string[], kept: Kept | undefined): Promise<Kept> {
  const authority = kept ? await openAuthority(kept) : await makeAuthority();
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    ...validity(),
    serialNumber: serial(),
    subject: 'CN=kube-apiserver',
    issuer: AUTHORITY_NAME,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  });
  return {
    names,
    authority: authority.certificate.toString('pem'),
    authorityKey: await pemOf(authority.privateKey),
    cert: certificate.toString('pem'),
    key: await pemOf(keys.privateKey),
  };
}

interface Authority {
  certificate: X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

async function makeAuthority(): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serial(),
    name: AUTHORITY_NAME,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return { certificate, privateKey: keys.privateKey };
}

async function openAuthority(kept: Kept): Promise<Authority> {
  const [der] = PemConverter.decode(kept.authorityKey);
  if (!der)
    throw new Error('The key of the sandbox cluster’s authority is unreadable; remove the kubernetes folder to make anew.');
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  return { certificate: new X509Certificate(kept.authority), privateKey };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** From a day ago, for clocks that are a little behind. The machine's time, since TLS clients go by it. */
function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 24 * 3600 * 1000), notAfter: new Date(Date.now() + 10 * YEAR_MS) };
}

function serial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex');
}
