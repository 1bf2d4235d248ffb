/*
 * A PKCS#11 module for tests: SoftHSM, with the faults of a token in someone's hand. All calls go on to the module
 * named by FAULTY_MODULE_TARGET; the file named by FAULTY_MODULE_FAULT says, when it exists, what goes wrong:
 * "removed" (the token is pulled as it signs), "low", "final", "locked" (the flags of its PIN), "wrong-key" (the
 * signature is spoilt). Every PIN that is given adds an octet to the file FAULTY_MODULE_LOGINS.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pkcs11.h>

static CK_FUNCTION_LIST ours;
static CK_FUNCTION_LIST_PTR theirs;

static int fault_is(const char *name) {
  const char *path = getenv("FAULTY_MODULE_FAULT");
  FILE *file = path == NULL ? NULL : fopen(path, "r");
  char text[32] = "";
  if (file == NULL) return 0;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  return strcmp(text, name) == 0;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV answer = theirs->C_GetTokenInfo(slot, info);
  if (answer != CKR_OK) return answer;
  if (fault_is("low")) info->flags |= CKF_USER_PIN_COUNT_LOW;
  if (fault_is("final")) info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
  if (fault_is("locked")) info->flags |= CKF_USER_PIN_LOCKED;
  return CKR_OK;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  const char *path = getenv("FAULTY_MODULE_LOGINS");
  FILE *file = path == NULL ? NULL : fopen(path, "a");
  if (file != NULL) {
    fputc('.', file);
    fclose(file);
  }
  return theirs->C_Login(session, user, pin, length);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature,
                  CK_ULONG_PTR signature_length) {
  if (fault_is("removed")) return CKR_DEVICE_REMOVED;
  CK_RV answer = theirs->C_Sign(session, data, length, signature, signature_length);
  if (answer == CKR_OK && signature != NULL_PTR && fault_is("wrong-key")) signature[0] ^= 1;
  return answer;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void *library = dlopen(getenv("FAULTY_MODULE_TARGET"), RTLD_NOW);
  CK_RV (*get_list)(CK_FUNCTION_LIST_PTR_PTR);
  if (library == NULL) return CKR_GENERAL_ERROR;
  *(void **)&get_list = dlsym(library, "C_GetFunctionList");
  CK_RV answer = get_list(&theirs);
  if (answer != CKR_OK) return answer;
  ours = *theirs;
  ours.C_GetTokenInfo = get_token_info;
  ours.C_Login = login;
  ours.C_Sign = sign;
  *list = &ours;
  return CKR_OK;
}
