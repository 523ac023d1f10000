/* weir: the client. */

#include <locale.h>
#include <signal.h>

#include "app/subcommand.h"
#include "base/mem.h"

int
main(int argc, char **argv)
{
	/* LC_CTYPE only: numbers in wire formats must not follow the user's locale. */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	mem_keep();
	return subcommand_main(argc, argv);
}
