export { inCohort } from '@tutti/client/verify';
