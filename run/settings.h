/* --set KEY=VALUE: overrides of single keys, applied to the tree before it is checked. */
#ifndef CONTRAFLOW_RUN_SETTINGS_H
#define CONTRAFLOW_RUN_SETTINGS_H

#include "contraflow/solver/error.h"
#include "yaml_tree.h"

/* Sets one dotted key; sections on the way are created where they are missing, and items of a list
 * are named by index or by their `name`. VALUE is YAML. `setting` must outlive the tree. */
cf_status cf_setting_apply(cf_node *root, const char *setting, cf_err *err);

#endif
