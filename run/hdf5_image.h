/* What writing and reading of result images share; the only header that shows HDF5's types. */
#ifndef CF_RUN_HDF5_IMAGE_H
#define CF_RUN_HDF5_IMAGE_H

#include <hdf5.h>

#define CF_RESULT_FORMAT "contraflow-result"
#define CF_HDF5_IMAGE "contraflow-result-image" /* a name that HDF5 wants; never a file */
enum { CF_RESULT_VERSION = 1 };

/* HDF5 prints its error stack unless told not to; the setting is given back. */
typedef struct {
    H5E_auto2_t print;
    void *data;
} cf_hdf5_silence;

cf_hdf5_silence cf_hdf5_be_silent(void);
void cf_hdf5_speak_again(cf_hdf5_silence old);

/* Strings of any length in UTF-8, and access to files in memory; close with H5Tclose, H5Pclose. */
hid_t cf_hdf5_text_type(void);
hid_t cf_hdf5_image_access(void);

#endif
