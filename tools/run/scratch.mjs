import { chmodSync, existsSync, lstatSync, mkdtempSync, readlinkSync, rmSync, statfsSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** Linux's file system in memory; no other system has a folder of that name. */
const MEMORY = '/dev/shm';
const PREFIX = 'slipway-scratch-';

/**
 * Does `work(folder)` with a folder for what need not outlive this process: in memory, where `room` bytes are to spare there, or else
 * among the system's temporary files. Files that are made and deleted by the thousand cost a disk dearly: ext4 without a journal takes
 * up to half a millisecond to make one where many were deleted within five minutes.
 *
 * `home`, which nobody else may hold meanwhile, names the folder, so that what a killed process left goes when the next one comes.
 */
export async function withScratch(home, room, work) {
  const link = path.join(home, 'scratch');
  removeScratch(link);
  const folder = mkdtempSync(path.join(hasRoom(room) ? MEMORY : tmpdir(), PREFIX));
  // Databases run as an ordinary user even where this is root: they must be able to enter.
  chmodSync(folder, 0o711);
  symlinkSync(folder, link);
  try {
    return await work(folder);
  } finally {
    removeScratch(link);
  }
}

function hasRoom(bytes) {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return Math.min(bavail * bsize, process.availableMemory()) >= bytes;
}

function removeScratch(link) {
  if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const folder = readlinkSync(link);
  if (path.basename(folder).startsWith(PREFIX)) rmSync(folder, { recursive: true, force: true });
  rmSync(link);
}
