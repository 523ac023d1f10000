/* What a person does with the session itself, on its server, by a command line. */
#ifndef APP_MANAGE_H
#define APP_MANAGE_H

#include "app/client.h"
#include "ui/view.h"

/*
 * Does `c`, CMD_NEW to CMD_SHELL; `text` is what stood behind its name. `deleting` belongs to the
 * caller and is true while a deletion is asked for and not confirmed.
 */
void manage_run(struct client *c, struct view *v, enum command command, struct str text,
    bool *deleting);
/* A text that begins with a slash is a command of the agent, where the server knows such. False: it
 * is a message. */
bool manage_slash(struct client *c, struct str text, enum err *err, struct error *e);
/* Tells of a session that was made, whose path goes into `made`, and what there is to choose from. */
void manage_work(struct client *c, struct view *v, struct buf *made);

#endif
