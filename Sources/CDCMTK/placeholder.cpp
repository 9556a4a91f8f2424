#include "dcmtk/config/osconfig.h"
