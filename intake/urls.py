from django.urls import path

from intake.views import consents, filling, flags, handing, history, owning, referrals

app_name = "intake"
PATIENT = "patients/<uuid:pk>"
LINE = f"{PATIENT}/history/<str:kind>/<uuid:row>"
REFERRAL = f"{PATIENT}/referrals/<uuid:row>"
urlpatterns = [
    # Through a link, without an account
    path("forms/<str:token>/", filling.fill, name="fill"),
    path("forms/<str:token>/<str:key>/", filling.fill_form, name="fill_form"),
    path("forms/<str:token>/<str:key>/finish/", filling.fill_finish, name="fill_finish"),
    path("forms/<str:token>/<str:key>/<str:section>/", filling.fill_section, name="fill_section"),
    path("forms/<str:token>/<str:key>/<str:section>/save/", filling.fill_save, name="fill_save"),
    # Staff
    path("patients/<uuid:pk>/forms/", handing.forms, name="forms"),
    path("patients/<uuid:pk>/forms/<uuid:response>/", consents.answers, name="answers"),
    path("patients/<uuid:pk>/forms/<uuid:response>/withdraw/", handing.withdraw_form, name="withdraw_form"),
    path(
        "patients/<uuid:pk>/forms/links/<uuid:link>/again/", handing.send_forms_again, name="send_forms_again"
    ),
    path("patients/<uuid:pk>/consents/", consents.consents, name="consents"),
    path(
        "patients/<uuid:pk>/consents/<uuid:consent>/talked-through/",
        consents.talked_through,
        name="talked_through",
    ),
    path("patients/<uuid:pk>/consents/<uuid:consent>/take-back/", consents.take_back, name="take_back"),
    path("patients/<uuid:pk>/consents/<str:kind>/", consents.sign, name="sign"),
    # The owner
    path("clinic/forms/", owning.form_list, name="form_list"),
    path("clinic/forms/<str:key>/", owning.form_detail, name="form_detail"),
    path("clinic/forms/<str:key>/ours/", owning.use_our_form, name="use_our_form"),
    path("clinic/forms/<str:key>/read/", owning.form_read, name="form_read"),
    path("clinic/forms/<str:key>/<int:number>/", owning.form_version, name="form_version"),
    # History, red flags, referrals and letters
    path(f"{PATIENT}/history/", history.history, name="history"),
    path(f"{PATIENT}/alerts/", history.alerts, name="alerts"),
    path(f"{PATIENT}/history/<str:kind>/new/", history.new_line, name="new_line"),
    path(f"{LINE}/", history.line, name="line"),
    path(f"{LINE}/end/", history.end_line, name="end_line"),
    path(f"{PATIENT}/history/medication/<uuid:row>/dose/", history.dose, name="dose"),
    path(f"{PATIENT}/history/checked/<str:what>/", history.checked, name="checked"),
    path(f"{PATIENT}/pregnancy/", history.pregnancy, name="pregnancy"),
    path(f"{PATIENT}/red-flags/", flags.screen, name="screen"),
    path(f"{PATIENT}/red-flags/none/", flags.nothing_new, name="nothing_new"),
    path(f"{PATIENT}/red-flags/neck/none/", flags.neck_clear, name="neck_clear"),
    path(f"{PATIENT}/red-flags/<uuid:row>/clear/", flags.clear, name="clear_flag"),
    path(f"{PATIENT}/referrals/new/", referrals.new_referral, name="new_referral"),
    path(f"{REFERRAL}/", referrals.referral, name="referral"),
    path(f"{REFERRAL}/seen/", referrals.reply_seen, name="reply_seen"),
    path(f"{REFERRAL}/<str:step>/", referrals.step, name="referral_step"),
    path(f"{PATIENT}/letters/<uuid:row>/", referrals.letter, name="letter"),
    path("referrals/", referrals.referral_list, name="referrals"),
    path("clinic/red-flags/", flags.flag_set, name="flag_set"),
]
