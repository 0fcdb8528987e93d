#include "Libedit.h"

#include <dlfcn.h>
#include <stddef.h>

bool libedit_load(libedit *functions, const char *const *libraries) {
    struct {
        void *place;
        const char *name;
    } wanted[] = {
        {&functions->init, "el_init"},
        {&functions->end, "el_end"},
        {&functions->set, "el_set"},
        {&functions->wset, "el_wset"},
        {&functions->get, "el_get"},
        {&functions->gets, "el_gets"},
        {&functions->wgetc, "el_wgetc"},
        {&functions->push, "el_push"},
        {&functions->resize, "el_resize"},
        {&functions->line, "el_line"},
        {&functions->wline, "el_wline"},
        {&functions->insertstr, "el_insertstr"},
        {&functions->winsertstr, "el_winsertstr"},
        {&functions->deletestr, "el_deletestr"},
        {&functions->cursor, "el_cursor"},
        {&functions->history_init, "history_init"},
        {&functions->history_end, "history_end"},
        {&functions->history, "history"},
    };
    const size_t count = sizeof wanted / sizeof *wanted;

    for (; *libraries; libraries++) {
        void *library = dlopen(*libraries, RTLD_NOW | RTLD_LOCAL);
        if (!library) continue;
        size_t found = 0;
        while (found < count) {
            void *symbol = dlsym(library, wanted[found].name);
            if (!symbol) break;
            *(void **)wanted[found].place = symbol;
            found++;
        }
        if (found == count) return true;
        dlclose(library);
    }
    return false;
}
