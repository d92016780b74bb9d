/**
 * Prefixes that packages, managed services and manuals set, tried beside what the lines propose: in a small sample the lines may not show
 * a field at all. The commonest come first and win where two read equally well.
 */
export const COMMON_PREFIXES: readonly string[] = [
  '%m [%p] ',
  '%m [%p] %q%u@%d ',
  '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%t:%r:%u@%d:[%p]:',
  '%m:%r:%u@%d:[%p]:',
  '%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:',
  '%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:',
  '%t [%p]: ',
  '%t [%p]: [%l-1] ',
  '%t [%p]: [%l-1] user=%u,db=%d ',
  '%t [%p]: [%l-1] %u@%d ',
  '%m [%p]: [%l-1] db=%d,user=%u ',
  '%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%t [%p] %q%u@%d ',
  '%t-%c-',
  '%m [%p] %l %e %x %q%u@%d ',
  '%m %u@%d [%p]: ',
  '%h %m [%p] %q%u@%d ',
  '< %m >',
  '< %t >',
  '%t ',
  '%m ',
  '',
];
