#ifndef LIBEDIT_H
#define LIBEDIT_H

#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

// What is used of libedit's interface (histedit.h), declared here so that no header of it is needed.

typedef struct editline EditLine;
typedef struct history History;

typedef struct {
    int num;
    const char *str;
} HistEvent;

typedef struct {
    const char *buffer;
    const char *cursor;
    const char *lastchar;
} LineInfo;

typedef struct {
    const wchar_t *buffer;
    const wchar_t *cursor;
    const wchar_t *lastchar;
} LineInfoW;

enum { CC_NORM = 0, CC_EOF = 2, CC_REFRESH = 4, CC_ERROR = 6 };

enum {
    EL_EDITOR = 2,
    EL_BIND = 4,
    EL_SETTY = 8,
    EL_ADDFN = 9,
    EL_HIST = 10,
    EL_GETCFN = 13,
    EL_CLIENTDATA = 14,
    EL_PREP_TERM = 16,
    EL_REFRESH = 20,
    EL_PROMPT_ESC = 21
};

enum { H_SETSIZE = 1, H_ENTER = 10, H_SETUNIQUE = 20 };

/// The functions, as they were found.
typedef struct {
    EditLine *(*init)(const char *, FILE *, FILE *, FILE *);
    void (*end)(EditLine *);
    int (*set)(EditLine *, int, ...);
    int (*wset)(EditLine *, int, ...);
    int (*get)(EditLine *, int, ...);
    const char *(*gets)(EditLine *, int *);
    int (*wgetc)(EditLine *, wchar_t *);
    void (*push)(EditLine *, const char *);
    void (*resize)(EditLine *);
    const LineInfo *(*line)(EditLine *);
    const LineInfoW *(*wline)(EditLine *);
    int (*insertstr)(EditLine *, const char *);
    int (*winsertstr)(EditLine *, const wchar_t *);
    void (*deletestr)(EditLine *, int);
    int (*cursor)(EditLine *, int);
    History *(*history_init)(void);
    void (*history_end)(History *);
    int (*history)(History *, HistEvent *, int, ...);
} libedit;

/// Loads the first of the libraries that has all of it. The handle is never closed: functions of it may be running.
bool libedit_load(libedit *functions, const char *const *libraries);

#endif
