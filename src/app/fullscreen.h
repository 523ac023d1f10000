/* The terminal of this process as a screen, looking as the user has configured it. */
#ifndef APP_FULLSCREEN_H
#define APP_FULLSCREEN_H

#include "app/config.h"
#include "ui/screen.h"

/* `ascii`: the locale has no UTF-8. Crashes give the terminal back from here on. */
enum err fullscreen_open(struct screen **out, bool *ascii, const struct config *config,
    struct error *e);
/* Stops as a shell expects, the terminal given back meanwhile; returns when continued. */
void fullscreen_suspend(struct screen *s);

#endif
