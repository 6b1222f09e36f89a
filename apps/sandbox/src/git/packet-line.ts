/** A line of git's protocols (gitprotocol-common): its length, those four digits included, before it. Of ASCII text. */
export function packetLine(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}
