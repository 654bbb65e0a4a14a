#include "hdf5_image.h"

#include <stdbool.h>

enum { INCREMENT = 1 << 20 }; /* bytes by which an image grows */

cf_hdf5_silence cf_hdf5_be_silent(void)
{
    cf_hdf5_silence old;
    H5Eget_auto2(H5E_DEFAULT, &old.print, &old.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return old;
}

void cf_hdf5_speak_again(cf_hdf5_silence old)
{
    H5Eset_auto2(H5E_DEFAULT, old.print, old.data);
}

hid_t cf_hdf5_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

hid_t cf_hdf5_image_access(void)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, INCREMENT, false);
    H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    return access;
}
