import type { MouseEvent, ReactNode } from 'react';
import { navigate } from './navigate.js';

interface LinkProps {
  to: string;
  children: ReactNode;
  className?: string;
}

/** A link within the portal: a real one, so that it opens in a new tab when asked to. */
export function Link({ to, children, className }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} className={className} onClick={follow}>
      {children}
    </a>
  );
}
