#ifndef CLINEEDITOR_H
#define CLINEEDITOR_H

/// An editor of lines on a terminal, over libedit, which is looked for when the program runs. Nothing of it is needed to build.
///
/// One thread reads at a time; only `line_editor_stop` may be called beside it.
typedef struct line_editor line_editor;

/// What a Tab comes to.
typedef struct {
    /// So many characters before the cursor are replaced; -1 = nothing to do.
    int deleted;
    /// What is put there, and what is listed below the line; NULL = nothing. Both are freed by the editor.
    char *inserted;
    char *listing;
} line_completion;

/// Asked while a line is read, on the thread that reads.
typedef struct {
    void *context;
    /// Whether an Enter at the end of the text begins a new line of it: -1 = no, it is whole; else how many characters before
    /// the cursor go for it.
    int (*goes_on)(void *context, const char *text);
    /// - Parameter before: the text up to the cursor.
    line_completion (*complete)(void *context, const char *before);
} line_editor_questions;

typedef enum { LINE_READ, LINE_INTERRUPTED, LINE_END } line_outcome;

/// Takes the terminal over: from now on nothing is echoed but what the editor shows, and what is typed is kept for it. Ctrl-C
/// is a signal while no line is read. The terminal is as before after `line_editor_close`, at the program's end, and after
/// a signal that kills it.
///
/// - Parameters:
///   - libraries: names of libedit for dlopen, in the order in which they are tried, with a NULL at the end.
///   - remembered: the most entries of the history.
/// - Returns: NULL where there is no libedit, no terminal, or no locale that knows UTF-8.
line_editor *line_editor_open(
    const char *const *libraries, int input, int output, int remembered, line_editor_questions questions);

/// Reads a text of one or more lines; blocks.
///
/// - Parameters:
///   - prompt: bytes that take no room stand between two \1.
///   - text: without the end of its line, to be freed by the caller; NULL unless a line was read.
line_outcome line_editor_read(line_editor *editor, const char *prompt, char **text);

/// Adds an entry to the history; one that equals the last one is not added.
void line_editor_remember(line_editor *editor, const char *entry);

/// Ends the reading that is under way, and all later ones, with LINE_END. From any thread.
void line_editor_stop(line_editor *editor);

/// Gives the terminal back.
void line_editor_close(line_editor *editor);

#endif
