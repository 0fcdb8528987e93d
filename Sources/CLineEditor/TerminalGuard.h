#ifndef TERMINAL_GUARD_H
#define TERMINAL_GUARD_H

#include <stdbool.h>

/// Sees to it that a terminal is left as it was found, whatever ends the program. There is one guard in a process; a second one that
/// is begun meanwhile does nothing but turn the marks of pastes on.
///
/// Only signals that would kill the program are caught, and they still do.
///
/// - Parameter wakeup: a byte is written to it when the window has another size, and when the program goes on after a stop.
/// - Returns: false where the input is no terminal.
bool terminal_guard_begin(int input, int output, int wakeup);
void terminal_guard_end(int input, int output);

/// The modes that hold just now are those to come back to when the program goes on after a stop.
void terminal_guard_keep(int input);

#endif
