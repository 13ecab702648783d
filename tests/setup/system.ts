/** Whether the permissions of files bind this process: they do not bind root, and Windows has others. */
export const BOUND_BY_PERMISSIONS = process.platform !== 'win32' && process.getuid?.() !== 0;

/** Whether everybody may make links to files: Windows does not let them. */
export const HAS_LINKS = process.platform !== 'win32';

/** Whether a process can be interrupted from outside as by Ctrl-C: Windows ends it instead. */
export const HAS_SIGNALS = process.platform !== 'win32';
