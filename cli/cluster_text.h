/* What a sweep says of its clusters one by one, as words and tables; private to cli/. */
#ifndef CONTRAFLOW_CLI_CLUSTER_TEXT_H
#define CONTRAFLOW_CLI_CLUSTER_TEXT_H

#include <stdio.h>

#include "contraflow/run/clusters.h"
#include "figure.h"
#include "table.h"

/* "relu, data.radius = 0.1": a flow and a point. */
void cf_cluster_group_name(const cf_persistence *clusters, const cf_cluster_group *group,
                           char *text, size_t size);

/* A row for each cluster; a row for each law of why. */
cf_status cf_clusters_table(const cf_subject *subject, cf_table *table, cf_err *err);
cf_status cf_cluster_laws_table(const cf_subject *subject, cf_table *table, cf_err *err);

/* All numbers, for other programs. */
void cf_clusters_csv(const cf_subject *subject, FILE *stream);

#endif
