#include "serve/log_db.h"

const int log_version = 3;

static const char version_1[] =
	"CREATE TABLE stream (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE,"
	" type TEXT NOT NULL, base_n INTEGER NOT NULL, base_b INTEGER NOT NULL,"
	" n INTEGER NOT NULL, b INTEGER NOT NULL,"
	" parent INTEGER NOT NULL, forks INTEGER NOT NULL, depth INTEGER NOT NULL,"
	" fork_from TEXT NOT NULL, fork_sub INTEGER NOT NULL,"
	" closed INTEGER NOT NULL, gone INTEGER NOT NULL,"
	" ttl INTEGER NOT NULL, dies INTEGER NOT NULL, expires TEXT NOT NULL, seq BLOB NOT NULL);"
	"CREATE INDEX stream_dies ON stream (dies) WHERE dies > 0;"
	"CREATE TABLE row (key INTEGER PRIMARY KEY, b INTEGER NOT NULL, time INTEGER NOT NULL,"
	" data BLOB NOT NULL);"
	"CREATE TABLE producer (stream INTEGER NOT NULL, id BLOB NOT NULL, epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (stream, id)) WITHOUT ROWID;";

/* Streams whose beginning is trimmed: where they begin now, and when that came. */
static const char version_2[] =
	"ALTER TABLE stream ADD COLUMN first_n INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE stream ADD COLUMN first_b INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE stream ADD COLUMN oldest INTEGER NOT NULL DEFAULT 0;"
	"UPDATE stream SET first_n = base_n, first_b = base_b, oldest = coalesce((SELECT time"
	" FROM row WHERE key >= id << 36 AND key < (id + 1) << 36 ORDER BY key LIMIT 1), 0);"
	"CREATE INDEX stream_oldest ON stream (oldest) WHERE oldest > 0;"
	"CREATE TABLE about (stream INTEGER PRIMARY KEY, data BLOB NOT NULL);";

static const char version_3[] =
	"ALTER TABLE stream ADD COLUMN view INTEGER NOT NULL DEFAULT 0;";

const char *const log_schema[] = { version_1, version_2, version_3 };

#define COLUMNS "path, type, base_n, base_b, n, b, parent, forks, depth, fork_from, fork_sub," \
	" closed, gone, ttl, dies, expires, seq, first_n, first_b, view"

const char *const log_sql[QUERIES] = {
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_FIND] = "SELECT id, " COLUMNS " FROM stream WHERE path = ?",
	[Q_GET] = "SELECT id, " COLUMNS " FROM stream WHERE id = ?",
	[Q_NEXT] = "SELECT id, " COLUMNS " FROM stream WHERE path > ? AND path < ?"
		" ORDER BY path LIMIT 1",
	[Q_INSERT] = "INSERT INTO stream (" COLUMNS ") VALUES"
		" (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[Q_UPDATE] = "UPDATE stream SET n = ?, b = ?, closed = ?, seq = ? WHERE id = ?",
	[Q_SET_DIES] = "UPDATE stream SET dies = ? WHERE id = ?",
	[Q_SET_GONE] = "UPDATE stream SET gone = 1, dies = 0 WHERE id = ?",
	[Q_SET_FORKS] = "UPDATE stream SET forks = ? WHERE id = ?",
	[Q_UNLINK] = "UPDATE stream SET path = NULL, dies = 0, oldest = 0 WHERE id = ?",
	[Q_DEAD] = "SELECT id FROM stream WHERE path IS NULL LIMIT 1",
	[Q_PURGE_PRODUCERS] = "DELETE FROM producer WHERE stream = ?",
	[Q_FORGET] = "DELETE FROM stream WHERE id = ?",
	[Q_EXPIRED] = "SELECT id FROM stream WHERE dies > 0 AND dies <= ? LIMIT 1",
	[Q_APPEND] = "INSERT INTO row (key, b, time, data) VALUES (?, ?, ?, ?)",
	[Q_PRODUCER] = "SELECT epoch, seq FROM producer WHERE stream = ? AND id = ?",
	[Q_SET_PRODUCER] = "REPLACE INTO producer (stream, epoch, seq, time, id)"
		" VALUES (?, ?, ?, ?, ?)",
	[Q_ROW_AT] = "SELECT b FROM row WHERE key = ?",
	[Q_ROW_BEFORE] = "SELECT key, b FROM row WHERE key <= ? ORDER BY key DESC LIMIT 1",
	[Q_READ] = "SELECT key, b, data FROM row WHERE key >= ? AND key < ? ORDER BY key",
	[Q_FRONT] = "SELECT key, b, time FROM row WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
	[Q_LAST_TIME] = "SELECT key, time FROM row WHERE key <= ? ORDER BY key DESC LIMIT 1",
	[Q_CUT] = "DELETE FROM row WHERE key >= ? AND key < ?",
	[Q_OLDEST] = "SELECT id FROM stream WHERE oldest > 0 AND oldest < ? ORDER BY oldest LIMIT 1",
	[Q_SET_FIRST] = "UPDATE stream SET first_n = ?, first_b = ?, oldest = ? WHERE id = ?",
	[Q_ABOUT] = "SELECT data FROM about WHERE stream = ?",
	[Q_SET_ABOUT] = "REPLACE INTO about (stream, data) VALUES (?, ?)",
	[Q_FORGET_ABOUT] = "DELETE FROM about WHERE stream = ?",
	[Q_SIZE] = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count,"
		" pragma_freelist_count, pragma_page_size",
	[Q_PRODUCERS] = "SELECT stream, id FROM producer WHERE (stream, id) > (?, ?)"
		" ORDER BY stream, id LIMIT 1 OFFSET ?",
	[Q_FORGET_PRODUCERS] = "DELETE FROM producer WHERE (stream, id) > (?, ?)"
		" AND (stream, id) <= (?, ?) AND time < ?",
	[Q_SLICE] = "SELECT substr(data, ?, ?) FROM row WHERE key = ?",
};
