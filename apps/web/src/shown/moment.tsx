/** When something was, in the reader's own time zone; a day is named unless it is today. */
export function Moment({ at }: { at: string }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {isToday(date) ? `today ${clock(date)}` : `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' })} ${clock(date)}`}
    </time>
  );
}

function clock(date: Date): string {
  return date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString();
}
