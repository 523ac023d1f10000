#include "text/control.h"

#include <stddef.h>

const char *
control_name(uint32_t cp)
{
	switch (cp) {
	case 0x061C: return "ALM";
	case 0x200E: return "LRM";
	case 0x200F: return "RLM";
	case 0x2028: return "LS";
	case 0x2029: return "PS";
	case 0x202A: return "LRE";
	case 0x202B: return "RLE";
	case 0x202C: return "PDF";
	case 0x202D: return "LRO";
	case 0x202E: return "RLO";
	case 0x2066: return "LRI";
	case 0x2067: return "RLI";
	case 0x2068: return "FSI";
	case 0x2069: return "PDI";
	default: return NULL;
	}
}
