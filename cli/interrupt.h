/* Ctrl-C and SIGTERM as a question that a run asks now and then; private to cli/. */
#ifndef CONTRAFLOW_CLI_INTERRUPT_H
#define CONTRAFLOW_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on the first signal is noted; a second one ends the program at once. */
void cf_interrupt_catch(void);

/* Whether there was one. `context` is not used. */
bool cf_interrupted(void *context);

#endif
